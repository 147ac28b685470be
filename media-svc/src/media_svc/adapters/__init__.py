"""What media-svc touches that is not ours: object stores, decoders, classifiers, signatures."""
