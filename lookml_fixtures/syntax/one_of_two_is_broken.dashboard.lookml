- dashboard: broken
  title: "never closed
- dashboard: sound
  title: Sound
