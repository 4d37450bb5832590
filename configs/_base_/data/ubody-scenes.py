# The scenes of UBody, each with annotations of its own.
ubody_scenes = (
    *('Magic_show', 'Entertainment', 'ConductMusic', 'Online_class', 'TalkShow'),
    *('Speech', 'Fitness', 'Interview', 'Olympic', 'TVShow'),
    *('Singing', 'SignLanguage', 'Movie', 'LiveVlog', 'VideoConference'),
)
