-- Fixes a run's outcome for good, once.
-- KEYS: owner, due, runs
-- ARGV: owner id, epoch, due entry, run id
-- Returns: settled, already, early or fence
local shard = readShard(KEYS[1])
local dueKey, runsKey, entry, runId = KEYS[2], KEYS[3], ARGV[3], ARGV[4]
if not holds(shard, ARGV[1], ARGV[2]) then return 'fence' end
local record = redis.call('HGET', runsKey, runId)
local settlesAt = record and cjson.decode(record).settlesAt
if type(settlesAt) == 'number' and shard.at < settlesAt then return 'early' end
redis.call('ZREM', dueKey, entry)
if type(settlesAt) ~= 'number' then return 'already' end
return redis.call('HSETNX', runsKey, runId .. ':settledAt', int(shard.at)) == 1 and 'settled' or 'already'
