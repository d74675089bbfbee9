-- Remembers the digest of the body that is sent first of a settled run's outcome.
-- KEYS: runs
-- ARGV: run id, digest
-- Returns: the digest that was remembered first, or nil when nobody remembers the run as settled
local runsKey, runId, digest = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HEXISTS', runsKey, runId .. ':settledAt') == 0 then return nil end
if redis.call('HSETNX', runsKey, runId .. ':body', digest) == 1 then return digest end
return redis.call('HGET', runsKey, runId .. ':body')
