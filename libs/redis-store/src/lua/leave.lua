-- Forgets a connection, and notes when somebody was last seen.
-- KEYS: owner, room, presence
-- ARGV: gateway and connection
-- Returns: 1 forgotten, 0 was not known
if redis.call('HDEL', KEYS[3], ARGV[1]) == 0 then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('HSET', KEYS[2], 'seenAt', int(readShard(KEYS[1]).at)) end
return 1
