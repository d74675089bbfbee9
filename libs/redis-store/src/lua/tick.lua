-- Publishes a tick for each room whose version is still the planned one and whose deadline has not come.
-- KEYS: owner, then one room each
-- ARGV: owner id, epoch, frame tail, then per room: version, channel, head of the frame, deadline
-- Returns: { now, lease held until, then of each that was not sent: its number from 0 on, the room's state, '' when it is
-- gone } or { now, 'fence' }
-- Publishes: one message per tick to the channel of those that want ticks
local shard = readShard(KEYS[1])
if not holds(shard, ARGV[1], ARGV[2]) then return { shard.now, 'fence' } end
local call, at = redis.call, shard.at
local reply = { shard.now, int(shard.heldUntil) }
local serverNow = ',"serverNow":' .. shard.now .. ARGV[3]
for i = 2, #KEYS do
  local version, channel, head, endsAt = unpack(ARGV, 4 * i - 4, 4 * i - 1)
  local left = endsAt - at
  if left > 0 and call('HGET', KEYS[i], 'v') == version then
    call('SPUBLISH', channel, head .. '"remainingMs":' .. int(left) .. serverNow)
  else
    reply[#reply + 1] = i - 2
    reply[#reply + 1] = call('HGET', KEYS[i], 'state') or ''
  end
end
return reply
