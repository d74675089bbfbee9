-- Claims a PIN and creates its room, both or none. One that may take the place of a room that is over removes that first.
-- KEYS: pin, room, due, changes, owner, then if a room that is over may be replaced: runs, players, names, presence, counts
-- ARGV: room id, version, state, settings, instant of the room's idle end, how many rooms the shard holds at most
-- Returns: created, taken (PIN or room id), or full
local pinKey, roomKey, dueKey, changesKey, ownerKey = unpack(KEYS)
local roomId, version, state, settings, nextAt, limit = unpack(ARGV)
local holder, isThere = redis.call('GET', pinKey), redis.call('EXISTS', roomKey)
-- What is left of a room that is over may be its PIN alone.
local isOver = redis.call('HEXISTS', roomKey, 'closed') == isThere and (not holder or holder == roomId)
if (holder or isThere == 1) and not (#KEYS > 5 and isOver) then return 'taken' end
if tonumber(redis.call('HGET', ownerKey, 'rooms') or '0') >= tonumber(limit) then return 'full' end
redis.call('DEL', pinKey, roomKey, unpack(KEYS, 6))
redis.call('HINCRBY', ownerKey, 'rooms', 1)
redis.call('SET', pinKey, roomId)
redis.call('HSET', roomKey, 'v', version, 'state', state, 'settings', settings)
redis.call('ZADD', dueKey, nextAt, roomId)
redis.call('XADD', changesKey, 'MAXLEN', '~', '10000', '*', 'room', roomId, 'version', version)
return 'created'
