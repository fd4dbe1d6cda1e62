-- Hands one message to Messages. Arguments: the guid of a chat, the text.
-- Both arrive as arguments and are never part of a script's text, so they cannot become commands.
-- An error leaves its number in parentheses at the end of stderr; the number alone is what counts.
on run argv
	set chatGuid to item 1 of argv
	set messageText to item 2 of argv
	-- Shorter than the deadline of the process, so that Messages' own word comes before a kill.
	with timeout of 25 seconds
		tell application "Messages"
			send messageText to chat id chatGuid
		end tell
	end timeout
end run
