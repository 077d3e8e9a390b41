"""The one config of all client tests, and which of its models an application of each dialect may ask for."""

# What each name stands for. Once DeepSeek has thought it wants to be shown its thoughts again when there are
# tools, and most clients drop them: `deepseek` is a model that does not think, `thinker` one that does.
MODELS = {
    "gpt": "openai/gpt-5-mini",
    "deepseek": "deepseek/deepseek-chat",
    "thinker": "deepseek/deepseek-v4-pro",
    "claude": "anthropic/claude-sonnet-5",
}

ALL = ["gpt", "deepseek", "claude"]
REACH = {"chat": ALL, "responses": ALL, "messages": ALL}
CHAT, RESPONSES, MESSAGES = REACH["chat"], REACH["responses"], REACH["messages"]

THINKERS = {
    "chat": ["thinker", "claude"],
    "responses": ["gpt", "claude", "thinker"],
    "messages": ["claude", "thinker"],
}


def busy(model):
    """The same model at a provider of its own: a 429 puts a provider's key aside for a while."""
    return model + "-busy"


def config_for(url):
    """Two providers of each family, all played by the simulator at `url`."""
    families = {
        "openai": {
            "dialect": "openai",
            "base_url": url + "/v1",
            "key": "sk-openai",
            "endpoints": ["chat", "responses"],
        },
        "deepseek": {"dialect": "deepseek", "base_url": url, "key": "sk-deepseek"},
        "anthropic": {"dialect": "anthropic", "base_url": url, "key": "sk-anthropic"},
    }
    ladders = {name: [model] for name, model in MODELS.items()}
    ladders |= {busy(name): ["busy-" + model] for name, model in MODELS.items()}
    return {
        "listen": "127.0.0.1:0",
        "admin": {"listen": "127.0.0.1:0"},
        "auth": "open",
        "threads": 2,
        "providers": families | {"busy-" + name: provider for name, provider in families.items()},
        "models": {name: {"ladder": ladder} for name, ladder in ladders.items()},
    }
