"""Cases of moderation, and which texts are withheld because of them."""
