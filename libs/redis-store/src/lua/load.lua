-- Rooms of one shard as they are now.
-- KEYS: owner, then one room each
-- ARGV: 1 with the current question's content, 0 without
-- Returns: { now, lease held until, then per room: state, content } with nil for what is not there
local ownerKey, withContent = KEYS[1], ARGV[1] == '1'
local shard = readShard(ownerKey)
local reply = { shard.now, int(shard.heldUntil) }
for i = 2, #KEYS do
  local room = withContent and redis.call('HMGET', KEYS[i], 'state', 'content') or redis.call('HMGET', KEYS[i], 'state')
  reply[#reply + 1] = room[1]
  reply[#reply + 1] = room[2] or false
end
return reply
