-- What must happen now, earliest first.
-- KEYS: owner, due
-- ARGV: owner id, epoch, how many at most
-- Returns: { now, then entry, instant, ... } or { now, 'fence' }
local shard = readShard(KEYS[1])
if not holds(shard, ARGV[1], ARGV[2]) then return { int(shard.at), 'fence' } end
local entries = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', int(shard.at), 'WITHSCORES', 'LIMIT', 0, ARGV[3])
table.insert(entries, 1, int(shard.at))
return entries
