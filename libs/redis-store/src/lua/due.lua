-- What must happen now, earliest first.
-- KEYS: owner, due, changes
-- ARGV: owner id, epoch, how many at most
-- Returns: { now, how many changes were ever appended, id of the last one, then entry, instant, ... } or { now, 'fence' }
local shard = readShard(KEYS[1])
if not holds(shard, ARGV[1], ARGV[2]) then return { shard.now, 'fence' } end
local entries = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', shard.now, 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local changes = { ['entries-added'] = 0, ['last-generated-id'] = '0-0' }
-- An error while there is no stream.
local info = redis.pcall('XINFO', 'STREAM', KEYS[3])
for i = 1, #info, 2 do changes[info[i]] = info[i + 1] end
return { shard.now, changes['entries-added'], changes['last-generated-id'], unpack(entries) }
