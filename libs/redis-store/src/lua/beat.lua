-- A scheduler is alive and wants its share of the shards; those of which nothing was heard for a while are forgotten.
-- KEYS: schedulers
-- ARGV: owner id, how long a scheduler lives without a beat (ms)
-- Returns: the ids of all living schedulers, in no order
local time = redis.call('TIME')
local at = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', at), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', at - tonumber(ARGV[2])))
return redis.call('ZRANGE', KEYS[1], 0, -1)
