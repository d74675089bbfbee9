-- Forgets the answers of a player to some runs.
-- KEYS: answers and earlier of each run
-- ARGV: player id
-- Returns: in how many of these hashes the player was
local erased = 0
for _, key in ipairs(KEYS) do erased = erased + redis.call('HDEL', key, ARGV[1]) end
return erased
