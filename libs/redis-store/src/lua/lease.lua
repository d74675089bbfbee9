-- Takes a shard that nobody holds, or renews the caller's own lease; a caller whose lease ended, but was followed by no
-- other, gets it again under the same epoch.
-- KEYS: owner
-- ARGV: owner id, epoch that the caller held or 0, length of the lease (ms)
-- Returns: { 1 held or 0 somebody else's, epoch, held until, now, run id of Redis when it is another than the shard
-- remembers, else '', until when the shard was held before }
local shard = readShard(KEYS[1])
local ownerId, epoch, leaseMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local isOwn = shard.owner == ownerId and shard.epoch == epoch
if not isOwn then
  if shard.owner ~= '' and shard.heldUntil > shard.at then
    return { 0, int(shard.epoch), int(shard.heldUntil), shard.now, '', int(shard.heldUntil) }
  end
  epoch = shard.epoch + 1
end
redis.call('HSET', KEYS[1], 'owner', ownerId, 'epoch', int(epoch), 'until', int(shard.at + leaseMs))
local redisRun = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or ''
if redis.call('HSETNX', KEYS[1], 'redisRun', redisRun) == 1 or redis.call('HGET', KEYS[1], 'redisRun') == redisRun then
  redisRun = ''
end
return { 1, int(epoch), int(shard.at + leaseMs), shard.now, redisRun, int(shard.heldUntil) }
