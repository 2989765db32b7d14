// Reads {secret, headers, body} and says whether the published library accepts the delivery.
import { Webhook, WebhookVerificationError } from "standardwebhooks";

let text = "";
for await (const piece of process.stdin) text += piece;
const { secret, headers, body } = JSON.parse(text);
let verified = true;
try {
  new Webhook(secret).verify(body, headers);
} catch (error) {
  if (!(error instanceof WebhookVerificationError)) throw error;
  verified = false;
}
console.log(JSON.stringify({ verified }));
