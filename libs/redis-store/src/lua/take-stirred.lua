-- Rooms whose members or answers changed since they were last taken.
-- KEYS: owner, stirred, gateways
-- ARGV: owner id, epoch, how many rooms at most, how long a gateway lives without a heartbeat (ms)
-- Returns: { room ids, living gateways } or 'fence'
local shard = readShard(KEYS[1])
if not holds(shard, ARGV[1], ARGV[2]) then return 'fence' end
local gateways = {}
for gateway in pairs(livingGateways(KEYS[3], shard.at, ARGV[4])) do gateways[#gateways + 1] = gateway end
return { redis.call('SPOP', KEYS[2], ARGV[3]), gateways }
