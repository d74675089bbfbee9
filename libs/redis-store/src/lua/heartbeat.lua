-- A gateway is alive; gateways of which nothing was heard for a day are forgotten when it starts.
-- KEYS: owner, gateways
-- ARGV: gateway, 1 at its start or 0, how old the beat is to be (ms): 0, or a lifetime when the gateway goes
-- Returns: nothing
local at = readShard(KEYS[1]).at
if ARGV[2] == '1' then
  local beats = redis.call('HGETALL', KEYS[2])
  for i = 1, #beats, 2 do
    if at - tonumber(beats[i + 1]) > 86400000 then redis.call('HDEL', KEYS[2], beats[i]) end
  end
end
redis.call('HSET', KEYS[2], ARGV[1], int(at - tonumber(ARGV[3])))
return false
