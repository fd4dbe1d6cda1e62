-- Asks Messages for something harmless, which needs the same Automation grant as sending. No arguments.
on run argv
	with timeout of 25 seconds
		tell application "Messages"
			count of accounts
		end tell
	end timeout
end run
