"""The operations that an app has: their ids, their routes, and what the model is told of them."""
