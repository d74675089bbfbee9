-- Remembers the run of Redis in which every room of the shard has been told again.
-- KEYS: owner
-- ARGV: owner id, epoch, run id of Redis
-- Returns: 1 remembered, 0 the lease is not the caller's
if not holds(readShard(KEYS[1]), ARGV[1], ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'redisRun', ARGV[3])
return 1
