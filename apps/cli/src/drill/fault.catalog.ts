import type { FaultName } from './fault.rules.js';
import {
  cutConnection,
  type Fault,
  freezeOwner,
  killGateway,
  killOwner,
  rollingRestart,
} from './process.faults.js';
import { freezeRedis, killRedis, shutDownRedis } from './redis.faults.js';

/** How each fault is done. */
export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  'kill-owner': killOwner,
  'freeze-owner': freezeOwner,
  'kill-gateway': killGateway,
  'cut-connection': cutConnection,
  'rolling-restart': rollingRestart,
  'redis-shutdown': shutDownRedis,
  'redis-kill': killRedis,
  'redis-freeze': freezeRedis,
  'redis-kill-everysec': killRedis,
};
