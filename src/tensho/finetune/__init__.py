"""Fine-tuning of text-to-image models that were trained elsewhere, on pictures of characters and what they mean."""
