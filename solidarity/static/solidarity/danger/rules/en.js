// Danger words in English. The format is in solidarity/lib/danger_words/matcher.py.
export default {
  "groups": {"breath": "breath* breathing"},
  "negation": {"words": "not isnt no", "before": 2, "after": 0},
  "harmless": ["fire station"],
  "calm": ["last week|month|year"],
  "flags": {
    "not_breathing": ["not|isnt .. @breath"]
  }
};
