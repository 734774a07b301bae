"""The API's ground: tokens, who is asking, how often, what a refusal looks like; and what people say of themselves."""
