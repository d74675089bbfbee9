-- Fixes a run's outcome for good, once; its answers are kept for the retention time from now on.
-- KEYS: owner, due, runs, answers, earlier
-- ARGV: owner id, epoch, due entry, run id, retention (ms)
-- Returns: settled, already, early or fence
local shard = readShard(KEYS[1])
local dueKey, runsKey, entry, runId, retention = KEYS[2], KEYS[3], ARGV[3], ARGV[4], ARGV[5]
if not holds(shard, ARGV[1], ARGV[2]) then return 'fence' end
local record = redis.call('HGET', runsKey, runId)
local settlesAt = record and cjson.decode(record).settlesAt
if type(settlesAt) == 'number' and shard.at < settlesAt then return 'early' end
redis.call('ZREM', dueKey, entry)
if type(settlesAt) ~= 'number' then return 'already' end
if redis.call('HSETNX', runsKey, runId .. ':settledAt', int(shard.at)) == 0 then return 'already' end
forgetLiveRun(runsKey, runId)
redis.call('PEXPIRE', KEYS[4], retention)
redis.call('PEXPIRE', KEYS[5], retention)
return 'settled'
