-- Takes what an operation will ask for out of a shop's bucket, or says how long to wait.
-- KEYS[1] the books; ARGV: operation, points to assume while its cost is not known, milliseconds to keep the books.
-- Answers {points taken, milliseconds to wait}, as text: Redis would cut a number's fraction.
local b = redis.call('HMGET', KEYS[1], 'level', 'at', 'max', 'rate', 'cost:' .. ARGV[1])
local t = redis.call('TIME') -- one clock for all workers
local now = tonumber(t[1]) * 1000 + tonumber(t[2]) / 1000
-- Until the first answer: the smallest bucket that Shopify still prints, full, and its old slow rate.
local max, rate = tonumber(b[3] or 1000), tonumber(b[4] or 50)
local level = math.min(max, tonumber(b[1] or max) + math.max(0, now - tonumber(b[2] or now)) * rate / 1000)
local cost = math.min(max, tonumber(b[5] or ARGV[2]))
local wait = 0
if level >= cost then
	level = level - cost
else
	wait = math.ceil((cost - level) * 1000 / rate)
	cost = 0
end
redis.call('HSET', KEYS[1], 'level', string.format('%.3f', math.floor(level * 1000) / 1000), 'at', string.format('%.3f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { string.format('%.3f', cost), string.format('%d', wait) }
