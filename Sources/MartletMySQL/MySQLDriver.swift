import MartletSQL
