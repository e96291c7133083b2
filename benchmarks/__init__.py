"""Each benchmark prints ratios against a floor measured in the same run."""
