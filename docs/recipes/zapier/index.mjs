// A Zapier integration to start from: a trigger for each type of event, by REST hooks.
// Its authentication asks for the site's address and a key (docs/webhooks.md).

const TYPES = {
  "course.completed": "Course Completed",
  "content.completed": "Content Completed",
  "certificate.issued": "Certificate Issued",
  "certificate.expiring": "Certificate Expiring",
  "alert.opened": "Alert Opened",
  "enrollment.created": "Enrolment Created",
  "enrollment.overdue": "Enrolment Overdue",
  "learner.created": "Learner Created",
};

const api = (bundle, path) => `${bundle.authData.site}/api/${path}`;

const withKey = (request, z, bundle) => {
  if (bundle.authData.key) request.headers.Authorization = `Token ${bundle.authData.key}`;
  return request;
};

// Zapier wants flat rows, each with a unique id.
const row = (type, timestamp, data) => ({ id: data.event_id, type, timestamp, ...data });

const trigger = (type, label) => ({
  key: type.replace(".", "_"),
  noun: label,
  display: { label, description: `Triggers when the event ${type} happens.` },
  operation: {
    type: "hook",
    performSubscribe: async (z, bundle) => {
      const response = await z.request({
        url: api(bundle, "webhooks/"),
        method: "POST",
        body: { url: bundle.targetUrl, events: [type], description: "Zapier" },
      });
      return response.data;
    },
    performUnsubscribe: async (z, bundle) => {
      await z.request({ url: api(bundle, `webhooks/${bundle.subscribeData.id}/`), method: "DELETE" });
      return {};
    },
    perform: (z, bundle) => {
      const { timestamp, data } = bundle.cleanedRequest;
      return [row(type, timestamp, data)];
    },
    performList: async (z, bundle) => {
      const since = new Date(Date.now() - 7 * 86_400_000).toISOString();
      const response = await z.request({
        url: api(bundle, "events/"),
        params: { type, since, page_size: 25 },
      });
      return response.data.results.map((each) => row(each.type, each.timestamp, each.data));
    },
    sample: {
      id: "evt_00000000000000000000000000000000",
      type,
      timestamp: "2026-05-04T12:00:00.000Z",
      user_id: 1,
    },
  },
});

const triggers = Object.entries(TYPES).map(([type, label]) => trigger(type, label));

export default {
  version: "1.0.0",
  platformVersion: "19.1.0",
  authentication: {
    type: "custom",
    fields: [
      { key: "site", label: "Address of the site", required: true, type: "string" },
      { key: "key", label: "API key", required: true, type: "password" },
    ],
    test: { url: "{{bundle.authData.site}}/api/webhooks/" },
    connectionLabel: "{{bundle.authData.site}}",
  },
  beforeRequest: [withKey],
  triggers: Object.fromEntries(triggers.map((each) => [each.key, each])),
};
