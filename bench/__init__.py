"""What a person runs to see the speed: `make bench` writes bench/results.json."""
