-- What is known of a room and of somebody who asks to enter it.
-- KEYS: owner, room, presence, counts, gateways
-- ARGV: player id or '', how long a gateway lives without a heartbeat (ms)
-- Returns: { settings, connected players, spectators, hosts and co-hosts, why the member was removed or '', 1 when the
-- member is connected } or nil when the room is over
local roomKey, presenceKey, countsKey, gatewaysKey = unpack(KEYS, 2)
local playerId, lifetime = ARGV[1], ARGV[2]
local room = redis.call('HMGET', roomKey, 'settings', 'closed', 'removed:' .. playerId)
if not room[1] or room[2] then return false end
local living = livingGateways(gatewaysKey, readShard(KEYS[1]).at, lifetime)
local by = connectedMembers(countsKey, living)
local isConnected = living[readSeat(presenceKey, playerId).gateway] and 1 or 0
local removal = string.match(room[3] or '', '^%a*')
return { room[1], by.player, by.spectator, by.host + by['co-host'], removal, isConnected }
