-- Claims a PIN and creates its room, both or none.
-- KEYS: pin, room, due, changes, owner
-- ARGV: room id, version, state, settings, instant of the room's idle end, how many rooms the shard holds at most
-- Returns: created, taken (PIN or room id), or full
local pinKey, roomKey, dueKey, changesKey, ownerKey = unpack(KEYS)
local roomId, version, state, settings, nextAt, limit = unpack(ARGV)
if redis.call('EXISTS', pinKey) == 1 or redis.call('EXISTS', roomKey) == 1 then return 'taken' end
if tonumber(redis.call('HGET', ownerKey, 'rooms') or '0') >= tonumber(limit) then return 'full' end
redis.call('HINCRBY', ownerKey, 'rooms', 1)
redis.call('SET', pinKey, roomId)
redis.call('HSET', roomKey, 'v', version, 'state', state, 'settings', settings)
redis.call('ZADD', dueKey, nextAt, roomId)
redis.call('XADD', changesKey, 'MAXLEN', '~', '10000', '*', 'room', roomId, 'version', version)
return 'created'
