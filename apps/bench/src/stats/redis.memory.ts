import type { Redis } from 'ioredis';

/** Bytes that Redis uses, without the buffers of its connections: those say who asks, and not what is kept. */
export async function memoryInUse(redis: Redis): Promise<number> {
  const info = await redis.info('memory');
  const bytes = (field: string) => Number(new RegExp(`^${field}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return bytes('used_memory') - bytes('mem_clients_normal') - bytes('mem_clients_slaves');
}
