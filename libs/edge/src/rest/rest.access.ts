import type { IncomingMessage } from 'node:http';
import { webhookProblemOf } from '#libs/ops';
import { type WireError, wireError } from '#libs/protocol';
import { ApiKeys } from '../access/api.keys.js';
import type { ClientAddresses } from '../access/client.address.js';
import { type Identity, TokenService } from '../access/token.service.js';
import type { EdgeOptions } from '../edge.options.js';
import { RefusedException } from './refused.exception.js';
import { granted } from './rest.results.js';

const BEARER = /^Bearer +(\S+) *$/i;

const refused = (error: WireError) => new RefusedException(error);
const unauthorized = (message: string) => refused(wireError('unauthorized', message));

/** Who may do what over REST. */
export class RestAccess {
  private readonly keys: ApiKeys;

  constructor(
    private readonly options: EdgeOptions,
    private readonly tokens: TokenService,
    private readonly addresses: ClientAddresses,
  ) {
    this.keys = new ApiKeys(options.config.access.apiKeys);
  }

  /**
   * Lets somebody create a room.
   *
   * @throws RefusedException `unauthorized`, `rate_limited`
   */
  async mayCreateRoom(authorization: string | undefined, request: IncomingMessage): Promise<void> {
    const { createRooms } = this.options.config.access;
    if (createRooms === 'open') return;
    const key = bearerOf(authorization);
    if (key !== undefined && this.keys.actorOf(key) !== null) return;
    if (createRooms === 'keys')
      throw unauthorized('Creating a room takes an API key: Authorization: Bearer <key>.');
    const answer = await this.options.limits.take('rooms', this.addresses.of(request));
    if (answer.allowed) return;
    this.options.metrics.limitRefusals.inc({ limit: 'room_rate' });
    const details = { retryAfterMs: answer.retryAfterMs };
    throw refused(wireError('rate_limited', 'Too many new rooms from this address.', details));
  }

  /**
   * Lets a room have a webhook. Not just anybody's: what this service signs and sends would go wherever they please.
   *
   * @throws RefusedException `invalid_payload`, `forbidden`
   */
  mayHaveWebhook(authorization: string | undefined, webhook: string): void {
    const { access, webhooks } = this.options.config;
    const details = { field: 'settings.webhook' };
    if (webhooks.secrets.length === 0) {
      throw refused(
        wireError(
          'invalid_payload',
          'This service sends no webhooks: it has no secret to sign them.',
          details,
        ),
      );
    }
    if (access.createRooms === 'limited') {
      const key = bearerOf(authorization);
      if (key === undefined || this.keys.actorOf(key) === null) {
        throw refused(wireError('forbidden', 'A room with a webhook takes an API key.'));
      }
    }
    const problem = webhooks.allowPrivate ? undefined : webhookProblemOf(new URL(webhook));
    if (problem !== undefined) {
      throw refused(wireError('invalid_payload', `settings.webhook ${problem}.`, details));
    }
  }

  /**
   * Who acts on a room: the holder of an API key, or the room's host. A co-host's token is for sockets: over REST it
   * could make itself a host's.
   *
   * @returns the actor of commands
   * @throws RefusedException `unauthorized`, `forbidden`
   */
  async actorOn(roomId: string, authorization: string | undefined): Promise<string> {
    const holder = await this.holderOn(roomId, authorization);
    if (typeof holder === 'string') return holder;
    if (holder.role !== 'host') throw refused(wireError('forbidden', `This is not for a ${holder.role}.`));
    return holder.playerId;
  }

  /**
   * Lets somebody read what a run produced without names: whoever may act on the room, its co-hosts and its screens. Players
   * may not: the question may be played again, and `correct` is in it.
   *
   * @throws RefusedException `unauthorized`, `forbidden`, `unavailable`
   */
  async mayReadResults(roomId: string, authorization: string | undefined): Promise<void> {
    const holder = await this.holderOn(roomId, authorization);
    if (typeof holder === 'string' || holder.role === 'host') return;
    if (holder.role === 'player') throw refused(wireError('forbidden', 'This is not for a player.'));
    const { isRemoved } = granted(await this.options.service.removal(roomId, holder.playerId));
    if (isRemoved) throw refused(wireError('forbidden', 'You were put out of this room.'));
  }

  /** The name of an API key, or whom a token of this room names. */
  private async holderOn(roomId: string, authorization: string | undefined): Promise<string | Identity> {
    const credentials = bearerOf(authorization);
    if (credentials === undefined) {
      throw unauthorized('This takes an API key or the host token of the room: Authorization: Bearer <it>.');
    }
    const actor = this.keys.actorOf(credentials);
    if (actor !== null) return actor;
    const identity = await this.tokens.verify(credentials);
    if (identity === null || identity.roomId !== roomId) {
      throw unauthorized('This is no API key and no valid token of this room.');
    }
    return identity;
  }
}

const bearerOf = (authorization: string | undefined): string | undefined =>
  BEARER.exec(authorization ?? '')?.[1];
