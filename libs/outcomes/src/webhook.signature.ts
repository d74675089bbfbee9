import { Webhook } from 'standardwebhooks';

/** Signs messages as Standard Webhooks says, with several secrets at once while they are rotated. */
export class WebhookSigner {
  private readonly keys: readonly Webhook[];

  /** @param secrets `whsec_` and base64, or base64 alone */
  constructor(secrets: readonly string[]) {
    this.keys = secrets.map((secret) => new Webhook(secret));
  }

  /** The headers of a message; its receiver finds a signature by the secret that it knows among them. */
  headers(id: string, now: Date, body: string): Record<string, string> {
    return {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': this.keys.map((key) => key.sign(id, now, body)).join(' '),
    };
  }
}
