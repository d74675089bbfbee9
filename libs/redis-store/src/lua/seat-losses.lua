-- How connections of one gateway, which had their seats, have lost them. A seat that nobody has was taken from nobody.
-- KEYS: room, presence
-- ARGV: gateway, then per connection: player id, connection
-- Returns: per connection kicked, banned, replaced, or '' for a seat that was not taken from it
local roomKey, presenceKey = unpack(KEYS)
local gateway = ARGV[1]
local losses = {}
for i = 2, #ARGV, 2 do
  local playerId, connection = ARGV[i], ARGV[i + 1]
  local loss = string.match(redis.call('HGET', roomKey, 'removed:' .. playerId) or '', '^%a+') or ''
  local seat = readSeat(presenceKey, playerId)
  local isOwn = seat.gateway == gateway and seat.connection == connection
  if loss == '' and seat.gateway ~= '' and not isOwn then loss = 'replaced' end
  losses[#losses + 1] = loss
end
return losses
