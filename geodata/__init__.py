"""The demonstration district: a seeded generator and its committed output (geodata/district/).

Everything built here is illustrative (示意数据): no public polygons of 新城街道 exist. Only the counted
figures are real; they come from the subdistrict's published report of 2023. Not part of the `gridmap`
package: the service reads the output through the same loaders as anybody's files.
"""
