-- The runs of a room that answers can be meant for.
-- KEYS: owner, room, runs
-- Returns: { now, 1 or 0 when there is no such room, then the record of each }
local isKnown = redis.call('EXISTS', KEYS[2])
return addLiveRuns({ readShard(KEYS[1]).now, isKnown }, KEYS[3])
