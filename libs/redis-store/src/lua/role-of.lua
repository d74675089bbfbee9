-- The role of somebody in a room: connected, remembered as a player, or removed.
-- KEYS: room, players, presence
-- ARGV: player id
-- Returns: the role, or nil for a stranger
local seat = readSeat(KEYS[3], ARGV[1])
if seat.role ~= '' then return seat.role end
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 'player' end
return string.match(redis.call('HGET', KEYS[1], 'removed:' .. ARGV[1]) or '', '^%a+ ([%a-]+)') or false
