-- Claims a PIN and creates its room, both or none.
-- KEYS: pin, room, due, changes
-- ARGV: room id, version, state, settings, instant of the room's idle end
-- Returns: 1 created, 0 PIN or room id taken
local pinKey, roomKey, dueKey, changesKey = unpack(KEYS)
local roomId, version, state, settings, nextAt = unpack(ARGV)
if redis.call('EXISTS', pinKey) == 1 or redis.call('EXISTS', roomKey) == 1 then return 0 end
redis.call('SET', pinKey, roomId)
redis.call('HSET', roomKey, 'v', version, 'state', state, 'settings', settings)
redis.call('ZADD', dueKey, nextAt, roomId)
redis.call('XADD', changesKey, 'MAXLEN', '~', '10000', '*', 'room', roomId, 'version', version)
return 1
