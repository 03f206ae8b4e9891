drop table assets, cache_acknowledgements, cache_nodes, cache_invalidations;
