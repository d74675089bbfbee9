-- A settled run, without its answers.
-- KEYS: owner, runs
-- ARGV: run id, retention (ms)
-- Returns: nil when the run is not settled, or was so long ago that its answers are not kept, else { record, instant of
-- settling, right answer or nil, timeline (JSON lines) }
local runsKey, runId, retention = KEYS[2], ARGV[1], tonumber(ARGV[2])
local run = redis.call('HMGET', runsKey, runId, runId .. ':settledAt', runId .. ':correct', runId .. ':timeline')
if not run[1] or not run[2] or readShard(KEYS[1]).at - tonumber(run[2]) >= retention then return nil end
return run
