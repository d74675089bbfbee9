-- The shard's clock, finer than a millisecond.
-- KEYS: owner
-- Returns: { milliseconds with three decimals, the correction in them }, as text
local time = redis.call('TIME')
local correction = redis.call('HGET', KEYS[1], 'correction') or '0'
return { string.format('%.3f', time[1] * 1000 + time[2] / 1000 + tonumber(correction)), correction }
