"""The poster world: flat silhouettes, layered ridges and smooth skies that a small model can hold.

``scene`` says what a picture shows, ``render`` paints it, ``captions`` says it in words.
"""
