-- now, print, candidates -> the first that is free, 0 where none is; -1 where the numbers must be said first
if redis.call('HGET', META, 'print') ~= ARGV[2] then return -1 end
follow(ARGV[2])
end_holds(tonumber(ARGV[1]))
for candidate in string.gmatch(ARGV[3], '%d+') do
  if redis.call('ZSCORE', FREE, candidate) then return tonumber(candidate) end
end
return tonumber(redis.call('ZRANGE', FREE, 0, 0)[1] or 0)
