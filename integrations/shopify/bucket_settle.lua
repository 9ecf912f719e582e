-- Sets the books of a shop's bucket right after an answer.
-- KEYS[1] the books; ARGV: operation, points taken, points asked for, points it cost in the end,
-- points Shopify says are left, the bucket's size, points it gets back each second, milliseconds to keep the books.
local taken, asked, actual = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local left, size, rate = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local b = redis.call('HMGET', KEYS[1], 'level', 'at', 'max')
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + tonumber(t[2]) / 1000
local max = tonumber(b[3] or 1000)
local level = tonumber(b[1] or max) + math.max(0, now - tonumber(b[2] or now)) * rate / 1000
-- A bucket that turns out larger than thought holds that much more.
level = math.min(max, level) + math.max(0, size - max) + taken - actual
-- Others may use the bucket too: what is left is believed when it is less. More is not, since
-- calls on their way have been paid for here and not yet there.
level = math.min(size, level, left)
redis.call('HSET', KEYS[1], 'level', string.format('%.3f', math.floor(level * 1000) / 1000), 'at', string.format('%.3f', now),
	'max', ARGV[6], 'rate', ARGV[7], 'cost:' .. ARGV[1], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[8])
return {}
