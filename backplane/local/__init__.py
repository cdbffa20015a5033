"""The embedded default: the engine, the provider table and the emulator that `backplane up` runs on."""
